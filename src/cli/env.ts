import { type Answer, answer, type Cli } from './command.ts'
import { detachOption, finish } from './follow.ts'

export const changeOptions = {
  stage: { type: 'boolean', help: 'No release now: the change joins the next one' },
  ...detachOption,
} as const

type Change = {
  readonly set?: Readonly<Record<string, { readonly value: string; readonly secret: boolean }>>
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
  return answer(result, () => [
    `${namesOf(change)}: done; ${stage ? 'the next release has it' : 'nothing had to be released'}`,
  ])
}

/** `secret: false` would make a secret readable: only what was asked for is sent. */
const withoutDefault = (set: NonNullable<Change['set']>) =>
  Object.fromEntries(
    Object.entries(set).map(([name, { value, secret }]) => [name, secret ? { value, secret } : { value }]),
  )

const namesOf = ({ set = {}, unset = [] }: Change) => [...Object.keys(set), ...unset].join(', ')
