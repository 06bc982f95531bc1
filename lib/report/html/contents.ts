import type { Exemption } from '../../domain/exemption.ts';
import type { ScanTotals } from '../documents.ts';
import type { ReportOptions } from '../format.ts';
import type { Custody } from './custody.ts';
import type { FixGroup } from './fix-groups.ts';
import type { KeyUse } from './key-uses.ts';
import type { Place } from './places.ts';
import type { Row } from './rows.ts';

/** All that a report says. */
export interface Contents {
  readonly totals: ScanTotals;
  readonly places: readonly Place[];
  readonly keys: readonly KeyUse[];
  readonly storesUnderOmittedKeys: number;
  readonly custodies: Readonly<Record<Custody, number>>;
  /** Of what is open. */
  readonly fixes: readonly FixGroup[];
  /** Of what is encrypted, though its key policy may stop the service. */
  readonly warnings: readonly FixGroup[];
  /** Those that cover a log store, and how many each covers. */
  readonly exemptions: readonly { readonly exemption: Exemption; readonly covered: number }[];
  /** Writes commands as they must be typed. */
  readonly asTyped: ReportOptions['asTyped'];
  readonly rows: readonly Row[];
  readonly omittedRows: number;
}
