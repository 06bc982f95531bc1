import { importBench } from './import.ts';
import { logstoresBench } from './logstores.ts';
import { scanBench } from './scan.ts';
import { sealBench } from './seal.ts';

process.stdout.write(
  `Node ${process.version}, ${process.platform} ${process.arch}, whole processes against the sandbox on loopback\n\n`,
);
await scanBench();
await importBench();
await sealBench();
await logstoresBench();
