import { answer, define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { say } from '../print.ts'
import { promotionLines } from '../promotions.ts'

export const command = define({
  summary: 'Release what an app runs in the next stage of its pipeline',
  app: true,
  options: {
    to: { type: 'string', value: 'APP', help: 'This app, in a pipeline or not' },
    plan: { type: 'boolean', help: 'Only show what would come of it' },
    ...detachOption,
  },
  about:
    'The same image, not another build of the same commit, with the configuration of the app that it goes to.\n' +
    'You need the right to deploy both.',
  examples: ['berth promote -a blog-staging', 'berth promote -a blog-staging --to blog', 'berth promote --plan'],
  async run(cli, { values: { to, plan, ...values } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const where = to === undefined ? {} : { to }
    if (plan) {
      const planned = await client.call('showPromotion', { params: { app }, query: where })
      return answer(planned, () => planned.flatMap(promotionLines))
    }
    const promotions = await client.call('promote', { params: { app }, body: where })
    if (!cli.json) for (const line of promotions.flatMap(promotionLines)) say(line)
    const ended = await Array.fromAsync(promotions, async (promotion) => {
      const { operation } = promotion
      return operation
        ? await finish(cli, operation, { ...values, inside: (now) => ({ ...promotion, operation: now }) })
        : undefined
    })
    const all = promotions.map((promotion, at) => ended[at]?.json ?? promotion)
    const exitCode = Math.max(0, ...ended.map((one) => one?.exitCode ?? 0))
    return answer(all, () => ended.flatMap((one) => one?.lines() ?? []), exitCode)
  },
})
