import { startMoto } from '../support/moto.ts';
import { ACCOUNT, describeCloudContract } from './cloud-contract.ts';

describeCloudContract('moto', () => startMoto({ account: ACCOUNT }), { seals: false, objects: true });
