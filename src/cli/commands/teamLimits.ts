import { answer, type Cli, define } from '../command.ts'
import { cores, megabytes, wholeNumber } from '../numbers.ts'
import { table } from '../table.ts'

const unset = 'default'

export const command = define({
  summary: 'Show or change what the builds of a team are bound by (operators change it)',
  args: 'TEAM',
  options: {
    builds: { type: 'string', value: 'N', help: 'Builds at once' },
    memory: { type: 'string', value: 'SIZE', help: 'Memory of each step of a build (512M, 4G)' },
    cpu: { type: 'string', value: 'CORES', help: 'Processors of each step' },
    pids: { type: 'string', value: 'N', help: 'Processes and threads of each step' },
    io: {
      type: 'string',
      value: 'SIZE',
      help: 'What each step may read and write per second, each (100M); 0 for no limit',
    },
    seconds: { type: 'string', value: 'N', help: 'How long a build may take' },
  },
  about: `"${unset}" in place of a value is what the installation's settings say. Builds whose steps are bound differently do not run at the same time.`,
  examples: [
    'berth team limits staff',
    'berth team limits staff --memory 4G --seconds 3600',
    'berth team limits staff --memory default',
  ],
  async run(cli, { args: [team = ''], values }) {
    const { builds, memory, cpu, pids, io, seconds } = values
    const body = {
      ...change('builds', builds, (text) => wholeNumber('--builds', text)),
      ...change('memoryMb', memory, megabytes),
      ...change('cpu', cpu, cores),
      ...change('pids', pids, (text) => wholeNumber('--pids', text)),
      ...change('ioMb', io, megabytes),
      ...change('seconds', seconds, (text) => wholeNumber('--seconds', text)),
    }
    const limits = await ask(cli, team, body)
    return answer(limits, () => linesOf(limits))
  },
})

const change = (name: string, text: string | undefined, read: (text: string) => number) =>
  text === undefined ? {} : { [name]: text === unset ? null : read(text) }

async function ask(cli: Cli, team: string, body: Readonly<Record<string, number | null>>) {
  const client = await cli.client()
  const params = { team }
  if (Object.keys(body).length === 0) return await client.call('showTeamLimits', { params })
  return await client.call('changeTeamLimits', { params, body })
}

type Limits = Awaited<ReturnType<typeof ask>>
type Name = keyof Limits['own']

const rows: readonly (readonly [name: Name, title: string, unit: string])[] = [
  ['builds', 'builds at once', ''],
  ['memoryMb', 'memory of a step', 'M'],
  ['cpu', 'processors of a step', ''],
  ['pids', 'processes of a step', ''],
  ['ioMb', 'reads and writes of a step', 'M/s'],
  ['seconds', 'time of a build', ' s'],
]

const linesOf = ({ own, effective }: Limits) =>
  table(
    ['LIMIT', 'VALUE', 'SET FOR'],
    rows.map(([name, title, unit]) => [
      title,
      name === 'ioMb' && effective[name] === 0 ? 'none' : `${effective[name]}${unit}`,
      own[name] === null ? 'all' : 'this team',
    ]),
  )
