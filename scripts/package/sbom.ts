import { ComponentType, ExternalReferenceType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import {
  Bom,
  Component,
  ComponentRepository,
  ExternalReference,
  HashDictionary,
  LicenseExpression,
  SpdxLicense,
} from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import type { BundledPackage } from './packages.ts';

/** The software bill of materials of the package, in CycloneDX 1.6. The same packages make the same text. */
export function sbomOf(version: string, packages: readonly BundledPackage[]): string {
  const bom = new Bom();
  const logseal = new Component(ComponentType.Application, 'logseal', { version, ...identity('logseal', version) });
  logseal.licenses.add(licence('Apache-2.0'));
  bom.metadata.component = logseal;
  bom.components = new ComponentRepository(packages.map(componentOf));
  for (const { bomRef } of bom.components) logseal.dependencies.add(bomRef);
  return `${new JsonSerializer(new Json.Normalize.Factory(Spec1dot6)).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf(each: BundledPackage): Component {
  const [, group, name = each.name] = /^(@[^/]+)\/(.+)$/.exec(each.name) ?? [];
  const component = new Component(ComponentType.Library, name, {
    version: each.version,
    ...(group && { group }),
    ...identity(each.name, each.version),
  });
  component.licenses.add(licence(each.licence));
  const hashes = new HashDictionary([[HashAlgorithm['SHA-512'], sha512Of(each)]]);
  const archive = `https://registry.npmjs.org/${each.name}/-/${name}-${each.version}.tgz`;
  component.externalReferences.add(new ExternalReference(archive, ExternalReferenceType.Distribution, { hashes }));
  return component;
}

/** The Package URL, which also names the component inside the bill. */
function identity(name: string, version: string) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { purl, bomRef: purl };
}

function licence(spdx: string): SpdxLicense | LicenseExpression {
  return isSupportedSpdxId(spdx) ? new SpdxLicense(spdx) : new LicenseExpression(spdx);
}

/** Of the archive that npm installs, in hexadecimal. */
function sha512Of({ name, integrity }: BundledPackage): string {
  const [, base64] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  if (!base64) throw new Error(`${name}: expected a hash by SHA-512 in package-lock.json, got ${integrity}`);
  return Buffer.from(base64, 'base64').toString('hex');
}
