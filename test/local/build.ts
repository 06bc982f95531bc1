/** Builds the functions for `sam local` in SAM CLI's own directory: node scripts/run.mjs test/local/build.ts */
import { buildForLocal } from './build-for-local.ts';

await buildForLocal('.aws-sam/build');
