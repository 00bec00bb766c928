import { refuse } from '../model/refusal.ts'

type Named = { readonly id: string; readonly name: string }

/** The id of the one thing of that id or name. */
export function idOf(kind: string, given: string, things: readonly Named[]): string {
  const byId = things.find(({ id }) => id === given)
  const named = things.filter(({ name }) => name === given)
  const found = byId ?? named[0]
  if (!found) return refuse('NOT_FOUND', kind, given)
  if (!byId && named.length > 1) refuse('INVALID', kind, `${named.length} are called "${given}"; give the id`)
  return found.id
}
