import { answer, define } from '../command.ts'
import { ageText, imageName, stackCell } from '../stacks.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'List the base images that builds start from',
  about: 'The one with a star is that of apps that name none.',
  examples: ['berth stack list', 'berth stack list --json'],
  async run(cli) {
    const stacks = await (await cli.client()).call('listStacks', {})
    return answer(stacks, () =>
      table(
        ['NAME', 'STATE', 'IMAGE', 'MADE', 'MAY BE', 'FROM', 'WHAT IT IS'],
        stacks.map((stack) => [
          `${stack.name}${stack.default ? ' *' : ''}`,
          stackCell(stack.state),
          stack.image && imageName(stack.image.id),
          when(stack.image?.createdAt),
          ageText(stack.maxAge),
          { shipped: 'Berth', own: 'your operator', none: 'this machine' }[stack.origin],
          stack.error ?? stack.summary,
        ]),
      ),
    )
  },
})
