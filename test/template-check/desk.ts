import type * as v from 'valibot';
import { parseDocument, templateSchema } from '../support/documents.ts';
import { aDesk, type Desk, type Ran } from '../support/logseal.ts';

export type TemplateDocument = v.InferOutput<typeof templateSchema>;

export interface Checked extends Ran {
  readonly document: TemplateDocument;
}

export type TemplateDesk = Desk & { check(words: string): Promise<Checked> };

const NONE = null as unknown as TemplateDocument;

/** A desk with some files and without a cloud, since the command calls nothing. */
export async function aTemplateDesk(files: Readonly<Record<string, string>>): Promise<TemplateDesk> {
  const desk = await aDesk({});
  for (const [name, content] of Object.entries(files)) await desk.write(name, content);
  return {
    ...desk,
    async check(words) {
      const ran = await desk.run(`template check ${words} --format json`);
      // Nothing is written where no file could be evaluated.
      const document = ran.stdout === '' ? NONE : parseDocument(templateSchema, ran.stdout);
      return { ...ran, document };
    },
  };
}

/** Checks one template. */
export async function checked(template: string, options = '', name = 't.yaml'): Promise<Checked> {
  const desk = await aTemplateDesk({ [name]: template });
  return desk.check(`${name} ${options}`);
}

/** The findings of one template by their ids: the status and the codes of the reasons. */
export async function statuses(template: string, options = '', name = 't.yaml'): Promise<Record<string, string>> {
  const { document, stderr } = await checked(template, options, name);
  if (!document) throw new Error(stderr);
  return Object.fromEntries(
    document.findings.map(({ id, status, reasons }) => [id, [status, ...reasons.map(({ code }) => code)].join(' ')]),
  );
}

/** The lines of a key whose policy lets CloudWatch Logs use it, below `Resources`. */
export const KEY = `
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: { AWS: !Sub 'arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root' }
            Action: kms:*
            Resource: '*'
          - Effect: Allow
            Principal: { Service: !Sub 'logs.\${AWS::Region}.\${AWS::URLSuffix}' }
            Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*']
            Resource: '*'
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:logs:arn: !Sub 'arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:*'
`;

/** A log group with this key. */
export function aGroup(key: string, id = 'Logs'): string {
  return `
  ${id}:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: /app/${id}
      KmsKeyId: ${key}
`;
}
