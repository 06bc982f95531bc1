#!/usr/bin/env node
import { asksAbout } from '../../cli/asks-about.ts';

/**
 * Where the package starts. It is bundled for an older Node too, which can thus say what it lacks. What is said about logseal itself is in
 * one small file of its own, since each file that is loaded takes half a millisecond.
 */
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `logseal needs Node 24 or newer, but this is ${process.version}: install it from https://nodejs.org\n`,
  );
  process.exit(2);
}
await import(asksAbout(process.argv.slice(2)) ? './about.js' : './main.js');
