import { startSandbox } from '../../sandbox/sandbox.ts';
import { ACCOUNT, describeCloudContract } from './cloud-contract.ts';

describeCloudContract(
  'the sandbox',
  async () => {
    const sandbox = await startSandbox({ account: ACCOUNT });
    return { url: sandbox.url, stop: () => sandbox.close() };
  },
  { seals: true, objects: false },
);
