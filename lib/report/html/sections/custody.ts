import type { Contents } from '../contents.ts';
import { CUSTODIES, type Custody } from '../custody.ts';
import { html, type Markup } from '../markup.ts';

const TEXT: Readonly<Record<Custody, readonly [name: string, meaning: string, control: string]>> = {
  OWN_KEY: [
    'Under a key of yours',
    'A customer managed KMS key that works. You decide who may use it, each use is in CloudTrail, and disabling it makes the logs unreadable for everybody.',
    'You: audit, rotate, revoke',
  ],
  OWN_KEY_BROKEN: [
    'Under a key of yours that does not work',
    'A key is attached, but it is disabled, will be deleted, does not exist, cannot encrypt logs, or its policy does not let the service use it. Logs may be lost already.',
    'Nobody, until it is fixed',
  ],
  FOREIGN_KEY: [
    'Under a key of another account',
    'Its owner decides who may use it, can disable it, and can delete it.',
    'The other account',
  ],
  MANAGED_KEY: [
    'Under a key that AWS manages',
    'The key is in your account, but you can neither disable it nor change its policy.',
    'AWS; you can audit',
  ],
  PROVIDER_KEY: [
    'Encrypted by the cloud’s own key',
    'Log stores without a key of yours are encrypted all the same, with a key that the cloud owns. You cannot see its use, and you can never take it away.',
    'The cloud alone',
  ],
  NOT_ENCRYPTED: ['Not encrypted', 'New logs are stored in the clear.', 'Nobody'],
  UNKNOWN: ['Not known', 'What encrypts the log store could not be read.', 'Not known'],
};

/** The difference between "encrypted" and "under a key of yours". */
export function custodySection({ custodies }: Contents): Markup {
  const shown = CUSTODIES.filter((custody) => custodies[custody] > 0 || ['OWN_KEY', 'PROVIDER_KEY'].includes(custody));
  return html`<section id="custody" aria-labelledby="custody-title">
<h2 id="custody-title">Who holds the key</h2>
<p class="intro">“Encrypted” is not the same as “under a key of yours”. CloudWatch Logs encrypts every log group, but only a customer managed key lets you control who can read the logs, prove who did, and withdraw access. Exempt log stores are counted here too.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Log stores by who holds the key"><table class="list custody">
<thead><tr><th scope="col">Encryption</th><th scope="col" class="number">Log stores</th><th scope="col">What it means</th><th scope="col">Who controls it</th></tr></thead>
<tbody>${shown.map((custody) => {
    const [name, meaning, control] = TEXT[custody];
    return html`<tr class="${custody.toLowerCase()}"><th scope="row">${name}</th><td data-label="Log stores" class="number">${custodies[custody]}</td><td data-label="What it means">${meaning}</td><td data-label="Who controls it">${control}</td></tr>
`;
  })}</tbody>
</table></div>
</section>`;
}
