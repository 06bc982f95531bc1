import type { Failure } from '../domain/failure.ts';
import type { LogStore } from '../domain/log-store.ts';
import type { Tags } from '../domain/match.ts';
import type { Rules } from '../domain/rules.ts';
import { CloudError } from '../errors.ts';
import { READS_PER_KEY } from '../pacing.ts';
import type { Cloud } from './ports.ts';

/** The tags that the configuration asks for, as far as they could be read. */
export interface TagsRead {
  /** By the ARN of the log store; those of none of the tags are left out. null: they could not be read. */
  readonly byArn: ReadonlyMap<string, Tags> | null;
  readonly failure: Failure | null;
}

/** Reads tags. */
export interface StoreTags {
  /** @param stores those that an entry with tags may match; for none of them no call is made */
  of(stores: readonly LogStore[]): Promise<TagsRead>;
}

const NONE_ASKED: TagsRead = { byArn: new Map(), failure: null };

/** Of all log stores of a target, in bulk, when the first of them is asked for. What another try may read is read again. */
export function allTags(cloud: Pick<Cloud, 'tags'>, { configuration: { tagKeys } }: Rules): StoreTags {
  let all: Promise<TagsRead> | undefined;
  let reads = 0;
  return {
    of: async (stores) => {
      if (stores.length === 0) return NONE_ASKED;
      if (!all) reads++;
      all ??= read(cloud, (tags) => tags.all(tagKeys));
      const answer = await all;
      if (answer.failure?.isTransient && reads < READS_PER_KEY) all = undefined;
      return answer;
    },
  };
}

/** Of those log stores alone that are asked for, as they are tagged at that time. */
export function tagsNow(cloud: Pick<Cloud, 'tags'>, { configuration: { tagKeys } }: Rules): StoreTags {
  return {
    of: async (stores) => (stores.length === 0 ? NONE_ASKED : read(cloud, (tags) => tags.of(stores, tagKeys))),
  };
}

async function read(
  { tags }: Pick<Cloud, 'tags'>,
  ask: (tags: NonNullable<Cloud['tags']>) => Promise<ReadonlyMap<string, Tags>>,
): Promise<TagsRead> {
  if (!tags) return { byArn: null, failure: NOT_READ };
  try {
    return { byArn: await ask(tags), failure: null };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { byArn: null, failure: error };
  }
}

const NOT_READ: Failure = {
  code: 'INVALID_REQUEST',
  call: 'tags',
  message: 'logseal reads no tags of this provider',
  isTransient: false,
  fix: 'match by names instead of tags',
};
