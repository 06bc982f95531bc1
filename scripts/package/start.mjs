#!/usr/bin/env node
// This is plain JavaScript with nothing new in it, because an older Node has to read it.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `logseal needs Node 24 or newer, but this is ${process.version}: install it from https://nodejs.org\n`,
  );
  process.exit(2);
}
await import('./main.js');
