// node scripts/run.mjs [FILE [ARG ...]]: checks the version of Node, then runs FILE, if given. This is plain JavaScript,
// because an older Node cannot read TypeScript.
import * as module from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `logseal needs Node 24, but this is ${process.version}. npm ci installs Node 24 for the npm scripts. ` +
      'After npm ci --ignore-scripts, run npm rebuild node, or put Node 24 first on the PATH.\n',
  );
  process.exit(2);
}
const [, , file] = process.argv;
if (file) {
  // With the cache, later starts neither strip types nor compile.
  module.enableCompileCache();
  process.argv.splice(1, 2, resolve(file));
  await import(pathToFileURL(resolve(file)).href);
}
