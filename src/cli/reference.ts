import type { Command } from './command.ts'
import { commandHelp } from './help.ts'

/** docs/cli.md: every command as --help shows it. */
export const reference = (commands: ReadonlyMap<string, Command>): string[] => [
  '# The command line',
  '',
  'Printed by `berth help --markdown`; a test compares it.',
  '',
  '* `berth NOUN VERB`, with short words for every day. `--app/-a NAME` says which app; otherwise it is that of the git remote `berth` of this folder.',
  '* `--json` prints exactly what the API returned. Without it, tables: with a header, colours (unless `NO_COLOR` is set) and "3 minutes ago" on a terminal; without header and colours, a row a line and times in ISO 8601, when piped.',
  '* What takes time is followed to its end: exit code 0 when it is done, 1 when it was refused or failed (with the reason), 2 when the command line is wrong, 130 after Ctrl-C (the operation goes on). `--detach` does not wait.',
  '* The login is kept in `~/.config/berth/config.json`, or comes from `BERTH_URL` and `BERTH_TOKEN`; as root on the server itself, none is needed.',
  '* `BERTH_DEBUG=1` shows where an error came from.',
  ...[...commands].flatMap(([name, command]) => [
    '',
    `## berth ${name}`,
    '',
    '```text',
    ...commandHelp(name, command, [...commands.keys()]),
    '```',
  ]),
]
