import type { z } from 'zod'
import type { StackDetail } from '../../contract/stacks.ts'
import { buildName } from '../../model/build.ts'
import { answer, define } from '../command.ts'
import { ageText, imageName, madeText, stackCell } from '../stacks.ts'
import { details, table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show what a stack is made of, and which apps are on an old image of it',
  args: 'NAME',
  options: { file: { type: 'boolean', help: 'Print its file alone, as a start for one of your own' } },
  examples: ['berth stack show bookworm', 'berth stack show bookworm --file > mine.yaml'],
  async run(cli, { args: [name = ''], values }) {
    const stack = await (await cli.client()).call('showStack', { params: { stack: name } })
    return answer(stack, () => (values.file ? stack.text.trimEnd().split('\n') : linesOf(stack)))
  },
})

const linesOf = (stack: z.output<typeof StackDetail>): string[] => [
  ...details([
    ['stack', `${stack.name}${stack.default ? ' (for apps that name none)' : ''}`],
    ['what it is', stack.summary],
    ['state', stackCell(stack.state)],
    ['reason', stack.error],
    ['tried again', when(stack.nextAt)],
    ['image', madeText(stack)],
    ['may be', ageText(stack.maxAge)],
    ['base', stack.base],
    ['packages', stack.packages.join(' ')],
    ['commands', stack.commands.map(({ title }) => title).join('; ')],
  ]),
  ...(stack.apps.length > 0 ? ['', ...appTable(stack.apps)] : []),
]

const appTable = (apps: z.output<typeof StackDetail>['apps']) =>
  table(
    ['APP', 'BUILD', 'MADE ON', 'WHICH IS'],
    apps.map(({ app, build, image, old }) => [
      app,
      buildName(build),
      imageName(image),
      old ? { text: 'old', colour: 'yellow' } : { text: 'current', colour: 'green' },
    ]),
  )
