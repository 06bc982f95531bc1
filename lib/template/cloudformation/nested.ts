import { isFields, jsonOf } from '../../domain/template/fields.ts';
import type { ReadOptions, TemplateFile } from '../file-kind.ts';
import type { WrittenResource } from './shape.ts';

const LOCAL = /["']?(?:TemplateURL|Location|aws:asset:path)["']?\s*:\s*["']?([^\s"'{},!]+)/g;

/** The files that a text may nest, as it names them. They may be no files. */
export function* filesNestedIn(text: string): Generator<string> {
  for (const [, path = ''] of text.matchAll(LOCAL)) if (!/^\w+:/.test(path)) yield path;
}

/** The template of a nested stack; undefined: it is no file here. */
export async function nestedFile(
  parent: TemplateFile,
  resource: WrittenResource,
  { open }: ReadOptions,
): Promise<TemplateFile | undefined> {
  const { metadata, properties } = resource;
  // The CDK's own hint for SAM CLI.
  const asset = metadata['aws:asset:path'];
  const url = properties['TemplateURL'] ?? properties['Location'];
  const named = typeof asset === 'string' ? asset : typeof url === 'string' && !/^\w+:/.test(url) ? url : undefined;
  const path = named ?? (await assetPath(parent, url, open));
  return path === undefined ? undefined : open(parent, path);
}

/** Of the CDK: the file behind an object in the bucket of its assets, whose key is in the URL. */
async function assetPath(parent: TemplateFile, url: unknown, open: ReadOptions['open']): Promise<string | undefined> {
  if (url === undefined || !parent.path.endsWith(TEMPLATE)) return undefined;
  const name = parent.path.slice(parent.path.lastIndexOf('/') + 1, -TEMPLATE.length);
  const manifest = await open(parent, `${name}.assets.json`);
  const assets = jsonOf(manifest?.text ?? '');
  const files = isFields(assets) ? assets['files'] : undefined;
  const written = JSON.stringify(url);
  for (const asset of isFields(files) ? Object.values(files) : []) {
    if (!isFields(asset) || !isFields(asset['source']) || !isFields(asset['destinations'])) continue;
    const keys = Object.values(asset['destinations']).map((each) => (isFields(each) ? each['objectKey'] : undefined));
    const path = asset['source']['path'];
    if (typeof path === 'string' && keys.some((key) => typeof key === 'string' && written.includes(key))) return path;
  }
  return undefined;
}

const TEMPLATE = '.template.json';
