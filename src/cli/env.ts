import { type Scope, scopes } from '../model/variables.ts'
import { type Answer, answer, type Cli } from './command.ts'
import { detachOption, finish } from './follow.ts'
import { UsageError } from './usage.ts'

export const changeOptions = {
  stage: { type: 'boolean', help: 'No release now: the change joins the next one' },
  ...detachOption,
} as const

export const scopeOptions = {
  build: { type: 'boolean', help: 'For builds alone: no container sees it, and nothing is released' },
  both: { type: 'boolean', help: 'For builds and containers' },
  run: { type: 'boolean', help: 'For containers alone: what a new variable is unless said' },
} as const

type ScopeFlags = { readonly [S in Scope]?: boolean | undefined }

/** The one scope that was asked for; nothing means as it is. */
export function scopeAsked(flags: ScopeFlags, command: string): Scope | undefined {
  const asked = scopes.filter((scope) => flags[scope])
  if (asked.length > 1) throw new UsageError(`--${asked.join(' and --')} exclude each other`, command)
  return asked[0]
}

type Setting = { readonly value?: string; readonly secret?: boolean; readonly scope?: Scope | undefined }

type Change = {
  readonly set?: Readonly<Record<string, Setting>>
  readonly unset?: string[]
}

type Wish = { readonly stage?: boolean | undefined; readonly detach?: boolean | undefined }

/** One change of an app's variables, followed until its release is live. */
export async function changeVariables(cli: Cli, change: Change, { stage = false, detach }: Wish): Promise<Answer> {
  const [client, app] = [await cli.client(), await cli.app()]
  const body = { set: withoutDefault(change.set ?? {}), unset: change.unset ?? [] }
  const result = await client.call('changeEnv', { params: { app }, query: { release: !stage }, body })
  if (result.operation)
    return finish(cli, result.operation, { detach, inside: (operation) => ({ ...result, operation }) })
  return answer(result, () => [`${namesOf(change)}: done; ${whenSeen(change, stage)}`])
}

/** `secret: false` would make a secret readable: only what was asked for is sent. */
const withoutDefault = (set: NonNullable<Change['set']>) =>
  Object.fromEntries(
    Object.entries(set).map(([name, { value, secret, scope }]) => [
      name,
      { ...(value !== undefined && { value }), ...(secret && { secret }), ...(scope && { scope }) },
    ]),
  )

function whenSeen({ set = {} }: Change, stage: boolean): string {
  const forBuilds = Object.values(set).some(({ scope }) => scope && scope !== 'run')
  if (forBuilds) return 'the next build sees it'
  return stage ? 'the next release has it' : 'nothing had to be released'
}

const namesOf = ({ set = {}, unset = [] }: Change) => [...Object.keys(set), ...unset].join(', ')
