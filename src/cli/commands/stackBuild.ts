import { answer, define } from '../command.ts'
import { Failed } from '../failure.ts'
import { detachOption } from '../follow.ts'
import { followStack, madeText } from '../stacks.ts'

export const command = define({
  summary: 'Make a stack anew (operators)',
  args: 'NAME',
  options: detachOption,
  about:
    'Builds start from the image before until it is done. What runs stays on the image that it was built on: berth stack upgrade\n' +
    'brings apps onto the new one.',
  examples: ['berth stack build bookworm', 'berth stack build bookworm --detach'],
  async run(cli, { args: [name = ''], values }) {
    const client = await cli.client()
    const asked = await client.call('buildStack', { params: { stack: name } })
    if (values.detach) return answer(asked, () => [`${name} is made; look with: berth stack show ${name}`])
    const stack = await followStack(cli, name)
    if (stack.error !== null && !cli.json) throw new Failed(`${name} was not made: ${stack.error}`)
    return answer(stack, () => [`${name} is ${madeText(stack) ?? 'not made'}`], stack.error === null ? 0 : 1)
  },
})
