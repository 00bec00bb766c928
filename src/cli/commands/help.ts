import { answer, type Command, define } from '../command.ts'
import { commandHelp, groupHelp, overview } from '../help.ts'
import { findCommand } from '../parse.ts'
import { reference } from '../reference.ts'

export const command = define({
  summary: 'Show all commands, or one',
  args: '[COMMAND…]',
  options: { markdown: { type: 'boolean', help: 'All commands as one page (docs/cli.md)' } },
  examples: ['berth help', 'berth help app create'],
  async run(cli, { args, values }) {
    const commands = await cli.commands()
    const lines = values.markdown ? reference(commands) : helpOn(args, commands)
    return answer(lines.join('\n'), () => lines)
  },
})

function helpOn(words: readonly string[], commands: ReadonlyMap<string, Command>): string[] {
  const names = [...commands.keys()]
  const found = findCommand(words, names)
  if (found.kind === 'none') return overview(commands)
  const command = commands.get(found.name)
  return command ? commandHelp(found.name, command, names) : groupHelp(found.name, commands)
}
