/** `npm run bench` measures everything, in about half an hour; `npm run bench -- seal import` only what is named. */
import { continuationsBench } from './continuations.ts';
import { estateBench } from './estate.ts';
import { exemptionsBench } from './exemptions.ts';
import { importBench } from './import.ts';
import { largeScanBench } from './large-scan.ts';
import { logstoresBench } from './logstores.ts';
import { paceBench } from './pace.ts';
import { reportBench } from './report.ts';
import { scanBench } from './scan.ts';
import { sealBench } from './seal.ts';
import { templatesBench } from './templates.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  scan: scanBench,
  exemptions: exemptionsBench,
  continuations: continuationsBench,
  estate: estateBench,
  import: importBench,
  seal: sealBench,
  pace: paceBench,
  logstores: logstoresBench,
  'large-scan': largeScanBench,
  report: reportBench,
  templates: templatesBench,
};
const words = process.argv.slice(2);
const unknown = words.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length) {
  process.stderr.write(`unknown: ${unknown.join(', ')}; expected any of ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(
  `Node ${process.version}, ${process.platform} ${process.arch}, whole processes against the sandbox on loopback\n\n`,
);
for (const [name, run] of Object.entries(BENCHES)) if (words.length === 0 || words.includes(name)) await run();
