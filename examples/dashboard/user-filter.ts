/** The users that the URL names: by default, all that are not fully protected. */
import type { UserFilter } from './generated/operations.ts';
import { isKeyOf, moduleNames, stateNames } from './names.ts';

export const showOptions = [
  { value: '', label: 'Not fully protected' },
  ...optionsOf(stateNames),
  { value: 'all', label: 'Everyone' },
];
export const moduleOptions = [{ value: '', label: 'Any module' }, ...optionsOf(moduleNames)];

export function userFilterOf(params: URLSearchParams): UserFilter {
  const show = params.get('show');
  const module = params.get('module');
  return {
    search: params.get('search') ?? '',
    protection: {
      ...(isKeyOf(stateNames, show) ? { state: show } : show === 'all' ? {} : { isProtected: false }),
      ...(isKeyOf(moduleNames, module) ? { module, isProtected: false } : {}),
    },
  };
}

function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}
