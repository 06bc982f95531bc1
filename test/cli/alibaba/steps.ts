interface Step {
  readonly store: { readonly name: string };
  readonly action: string;
  readonly refusal: { readonly code: string } | null;
  readonly irreversible?: true;
}

interface Outcome extends Step {
  readonly outcome: string;
  readonly error: { readonly code: string } | null;
}

/** Name, action and why not of each step of a plan. */
export function stepsOf({ steps }: { readonly steps: readonly Step[] }): string[] {
  return steps.map(({ store, action, refusal, irreversible }) =>
    [store.name, action, irreversible && 'for good', refusal?.code].filter(Boolean).join(' '),
  );
}

/** Name, outcome and why of each step that was carried out. */
export function outcomesOf({ steps }: { readonly steps: readonly Outcome[] }): string[] {
  return steps.map(({ store, outcome, refusal, error }) =>
    [store.name, outcome, refusal?.code ?? error?.code].filter(Boolean).join(' '),
  );
}
