// Runs a script of this project once it is sure of the Node that it runs on. Plain JavaScript, since an older Node
// cannot read TypeScript: node scripts/run.mjs [FILE [ARG ...]]; without a FILE it only checks.
import * as module from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `logseal needs Node 24, this is ${process.version}. npm ci brings Node 24 for the npm scripts; ` +
      'npm ci --ignore-scripts does not: run npm rebuild node, or put Node 24 first on the PATH.\n',
  );
  process.exit(2);
}
const [, , file] = process.argv;
if (file) {
  // Types are stripped and modules compiled once, not at every start.
  module.enableCompileCache();
  process.argv.splice(1, 2, resolve(file));
  await import(pathToFileURL(resolve(file)).href);
}
