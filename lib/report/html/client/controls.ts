import { byId } from './element.ts';
import { ALL, SORT_COLUMNS, type ViewState } from './view-state.ts';

/** The form of filters and the heads of columns. */
export interface Controls {
  /** Makes them show a state. */
  show(state: ViewState): void;
}

const SELECTS = ['reason', 'account', 'region', 'key'] as const;

/** @param changed is called with what a person has chosen */
export function controls(current: () => ViewState, changed: (state: ViewState) => void): Controls {
  const form = byId('filters', HTMLFormElement);
  const search = byId('q', HTMLInputElement);
  const select = (name: (typeof SELECTS)[number]) => byId(name, HTMLSelectElement);
  const boxes = (name: string) => [...form.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)];
  const chosen = (name: string) => boxes(name).flatMap(({ checked, value }) => (checked ? [value] : []));
  const heads = [...document.querySelectorAll<HTMLButtonElement>('[data-sort]')];

  form.addEventListener('input', () => {
    const account = select('account');
    changed({
      ...current(),
      q: search.value,
      status: chosen('status'),
      severity: chosen('severity'),
      reason: select('reason').value,
      account: account.selectedIndex <= 0 ? null : account.value,
      region: select('region').value,
      key: select('key').value,
    });
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    changed(ALL);
    search.focus();
  });
  for (const head of heads) {
    head.addEventListener('click', () => {
      const sort = SORT_COLUMNS.find((column) => column === head.dataset['sort']) ?? null;
      const state = current();
      const isDescending = state.sort === sort && !state.isDescending;
      // A third click returns to the worst first.
      changed(
        state.sort === sort && state.isDescending
          ? { ...state, sort: null, isDescending: false }
          : { ...state, sort, isDescending },
      );
    });
  }

  function choose(name: (typeof SELECTS)[number], value: string | null): void {
    const field = select(name);
    const options = [...field.options];
    const index =
      value === null || (value === '' && name !== 'account')
        ? 0
        : options.findIndex((option, place) => place > 0 && option.value === value);
    // A link may name what the list does not have.
    if (index < 0) field.add(new Option(value ?? '', value ?? ''));
    field.selectedIndex = index < 0 ? options.length : index;
  }

  return {
    show(state) {
      if (search.value !== state.q) search.value = state.q;
      for (const box of boxes('status')) box.checked = state.status.includes(box.value);
      for (const box of boxes('severity')) box.checked = state.severity.includes(box.value);
      for (const name of SELECTS) choose(name, state[name]);
      for (const head of heads) {
        const isSorted = head.dataset['sort'] === state.sort;
        const order = state.isDescending ? 'descending' : 'ascending';
        head.parentElement?.setAttribute('aria-sort', isSorted ? order : 'none');
      }
    },
  };
}
