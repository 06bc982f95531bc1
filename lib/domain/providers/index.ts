import type { Provider } from '../target.ts';
import { ALIBABA } from './alibaba.ts';
import { AWS } from './aws.ts';
import type { ProviderTraits } from './provider.ts';

/** Every provider: a new one is a file of this directory and a line here. */
export const PROVIDERS: Readonly<Record<Provider, ProviderTraits>> = { aws: AWS, alibaba: ALIBABA };

/** Where neither an option nor a file names one. */
export const DEFAULT_PROVIDER: Provider = 'aws';

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as Provider[];
