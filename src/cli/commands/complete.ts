import { candidates, startingWith } from '../candidates.ts'
import { answer, type Cli, define } from '../command.ts'

export const command = define({
  summary: 'Say what may come next on a command line (what completion scripts ask)',
  args: 'INDEX WORD…',
  passthrough: 'all',
  examples: ['berth complete 2 berth app cr'],
  async run(cli, { args: [index = '0', , ...words] }) {
    const typed = words.slice(0, Number(index))
    const found = candidates(typed, await cli.commands())
    const fitting = found === 'apps' ? startingWith(typed.at(-1) ?? '', await appNames(cli)) : found
    return answer(fitting, () => fitting)
  },
})

async function appNames(cli: Cli): Promise<string[]> {
  const apps = await (await cli.client()).call('listApps', {})
  return apps.map(({ name }) => name)
}
