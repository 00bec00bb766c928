import type { DirectClient } from '../client/direct.ts'
import { refuse } from '../model/refusal.ts'

/** The team that was named, else the only one there is for who asks. */
export async function teamOf(client: DirectClient, named: string | undefined): Promise<string> {
  if (named !== undefined) return named
  const [only, ...others] = await client.call('listTeams', {})
  if (only && others.length === 0) return only.name
  return refuse('INVALID', 'team', 'name one of yours with --team')
}
