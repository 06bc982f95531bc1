import type { FileKind, FileReading } from '../file-kind.ts';
import { declarationsOf } from './declarations.ts';
import { readDocument } from './document.ts';
import { fileName, isBinaryPlan, isTerraform, MAKE_PLAN } from './other-files.ts';

/** A plan or a state of Terraform or OpenTofu, as `terraform show -json` writes it. */
export const TERRAFORM: FileKind = {
  what: 'a plan of Terraform (terraform show -json)',
  recognises: ({ bytes, text, path }) => isBinaryPlan(bytes) || (text !== null && isTerraform(text, path)),
  read: async (file, options): Promise<FileReading> => {
    const { path, bytes, text } = file;
    if (text === null || isBinaryPlan(bytes)) {
      return refused(
        path,
        null,
        `it is a binary plan: run terraform show -json ${fileName(path)} > plan.json in the directory of its configuration`,
      );
    }
    const found = readDocument(file, text);
    if ('message' in found) return refused(path, found.line, found.message);
    const { document } = found;
    const isCut = document['errored'] === true;
    const isPart = !isCut && document['complete'] === false;
    return {
      declarations: declarationsOf(document, file, options),
      mistakes: isCut ? [{ file: path, line: null, message: CUT }] : [],
      warnings: isPart ? [{ file: path, line: null, message: PART }] : [],
    };
  },
};

// Terraform's documentation, "JSON Output Format": `errored` and `complete` of a plan.
const CUT = `Terraform stopped at an error while it planned, so only a part of the plan is here and evaluated: put the error right, then run ${MAKE_PLAN}`;
const PART =
  'the plan leaves changes to a later one (-target, or deferred changes): check that one as well, since these changes are not seen here';

function refused(file: string, line: number | null, message: string): FileReading {
  return { declarations: [], mistakes: [{ file, line, message }], warnings: [] };
}
