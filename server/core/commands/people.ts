/** Operators. */
import { configure, refusal, type Routes } from './route.ts';

export const peopleRoutes: Routes<'addOperator'> = {
  addOperator: (core, params, request) => {
    if (core.directory.get('operator', params.name)) return refusal('invalid', 'name: taken already');
    const { name, displayName, role } = params;
    const value = { ...params, disabled: false };
    return configure(core, request, [{ kind: 'operator', id: name, value }], {
      name,
      displayName,
      role,
      disabled: false,
    });
  },
};
