import { alibabaKeyId } from '../sandbox/alibaba/state.ts';
import { startSandbox } from '../sandbox/sandbox.ts';

/** Runs a command in an environment, after a sentence; another exit status than the expected one is an error. */
type Run = (
  text: string,
  expectedStatus: number,
  command: string,
  environment: Record<string, string>,
) => Promise<void>;

const REGION = 'cn-hangzhou';
const HERE = `--provider alibaba --region ${REGION}`;

/** The act of the second cloud: the Logstores of a world, by the same commands. */
export async function showLogstores(world: string, say: (text: string) => void, run: Run): Promise<void> {
  const sandbox = await startSandbox({ world });
  const logseal = (text: string, expectedStatus: number, command: string) =>
    run(text, expectedStatus, command, sandbox.environment());
  const key = alibabaKeyId(REGION, 'logseal');
  const sealing = `${HERE} --key ${key} --sls-role-arn acs:ram::1234567890123456:role/logseal-sls`;
  try {
    say('The second cloud: Logstores of Alibaba Cloud SLS, by the same commands, documents and journal.');
    await logseal('Which Logstores are not encrypted with a working key of their owner, and why?', 3, `scan ${HERE}`);
    await logseal(
      'What would sealing them do? The first configuration of a Logstore is for good, so it is shown in red; what is configured otherwise can never change.',
      3,
      `plan ${sealing}`,
    );
    await logseal(
      'So --yes is not enough: without the number of those Logstores nothing is changed. It is printed.',
      2,
      `apply ${sealing} --yes --quiet`,
    );
    await logseal(
      'With it they are sealed; the one that was only off is switched on.',
      3,
      `apply ${sealing} --confirm-irreversible 2 --quiet`,
    );
    await logseal('The same Logstores again: what is left needs its key back, or another Logstore.', 3, `scan ${HERE}`);
    await logseal(
      'Undo switches one off again, and says what no call can undo.',
      0,
      `undo ${HERE} --store shop/visits --yes --quiet`,
    );
  } finally {
    await sandbox.close();
  }
}
