import { refuse } from '../../model/refusal.ts'
import type { StackState } from '../../stack/state.ts'
import type { ApiContext } from './context.ts'

/** The stack that is named, among all. */
export async function wantedStack({ stacks }: ApiContext, name: string) {
  const all = await stacks()
  const state = all.find((one) => one.name === name) ?? refuse('NOT_FOUND', 'stack', name)
  return { state, all }
}

/** For who wants to start from it, or have it made. */
export function requireFile({ name, file, broken }: StackState): void {
  if (broken) refuse('UNAVAILABLE', `the stack "${name}"`, broken.reason)
  if (!file) refuse('INVALID', 'stack', `${name} is an image, and no file says how it is made`)
}
