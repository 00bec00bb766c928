import { type Answer, answer, type Cli, define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { scaleChanges } from '../scales.ts'
import { table } from '../table.ts'

export const command = define({
  summary: 'Show or change number and size of the instances of each process',
  args: '[PROCESS=COUNT[:MEMORY[:CPU]]…]',
  app: true,
  options: {
    memory: { type: 'string', value: 'SIZE', help: 'Memory of each process named (256M, 1G)' },
    cpu: { type: 'string', value: 'CORES', help: 'Processor share of each process named (0.5)' },
    ...detachOption,
  },
  about: 'A process named without = keeps its count.',
  examples: [
    'berth scale -a blog',
    'berth scale web=2 worker=1:1024M -a blog',
    'berth scale web --memory 1G --cpu 0.5 -a blog',
  ],
  async run(cli, { args, values }) {
    const changes = scaleChanges(args, values)
    return Object.keys(changes).length === 0 ? await show(cli) : await change(cli, changes, values)
  },
})

async function show(cli: Cli): Promise<Answer> {
  const [client, app] = [await cli.client(), await cli.app()]
  const scales = await client.call('showScale', { params: { app } })
  return answer(scales, () => scaleTable(scales))
}

async function change(cli: Cli, body: ReturnType<typeof scaleChanges>, wish: { detach?: boolean | undefined }) {
  const [client, app] = [await cli.client(), await cli.app()]
  const result = await client.call('changeScale', { params: { app }, body })
  if (result.operation === null) return answer(result, () => [...scaleTable(result.scale), 'nothing is deployed yet'])
  return await finish(cli, result.operation, { ...wish, inside: (operation) => ({ ...result, operation }) })
}

type Row = { readonly process: string; readonly count: number; readonly memoryMb: number; readonly cpu: number }

const scaleTable = (rows: readonly Row[]) =>
  table(
    ['PROCESS', 'COUNT', 'MEMORY', 'CPU'],
    rows.map(({ process, count, memoryMb, cpu }) => [process, count, `${memoryMb}M`, cpu]),
    'no processes yet: they are known after the first deploy',
  )
