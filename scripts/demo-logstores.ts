import { alibabaKeyId } from '../sandbox/alibaba/state.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

/** Prints a sentence, then runs a command. @throws Error when it ends with another exit status than expected */
type Run = (
  text: string,
  expectedStatus: number,
  command: string,
  environment: Record<string, string>,
) => Promise<void>;

const REGION = 'cn-hangzhou';
const HERE = `--provider alibaba --region ${REGION}`;

/** The third part of the demo: the same commands for Logstores of Alibaba Cloud. */
export async function showLogstores(world: string, say: (text: string) => void, run: Run): Promise<void> {
  const sandbox = await startSandbox({ world });
  const logseal = (text: string, expectedStatus: number, command: string) =>
    run(text, expectedStatus, command, sandbox.environment());
  const key = alibabaKeyId(REGION, 'logseal');
  const sealing = `${HERE} --key ${key} --sls-role-arn acs:ram::1234567890123456:role/logseal-sls`;
  try {
    say('A second cloud: Logstores of Alibaba Cloud SLS, with the same commands, documents and journal.');
    await logseal('Which Logstores are not encrypted with a working key of their owner, and why?', 3, `scan ${HERE}`);
    await logseal(
      'What would sealing them do? Configuring the encryption of a Logstore for the first time is irreversible, so it is shown in red. A Logstore that was configured with another key that works is switched on under that key. Under a key that does not work, it can never be healthy.',
      3,
      `plan ${sealing}`,
    );
    await logseal(
      'So --yes is not enough: apply also needs the number of those Logstores. It prints the number and changes nothing.',
      2,
      `apply ${sealing} --yes --quiet`,
    );
    await logseal(
      'With that number they are sealed, and those that were switched off are switched on.',
      3,
      `apply ${sealing} --confirm-irreversible 2 --quiet`,
    );
    await logseal('Scan again: the rest needs its own key back, or a new Logstore.', 3, `scan ${HERE}`);
    await logseal(
      'Undo switches one off again, and says what cannot be undone.',
      0,
      `undo ${HERE} --store shop/visits --yes --quiet`,
    );
  } finally {
    await sandbox.close();
  }
}
