import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { expireOption, idleOf } from '../previews.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Make a preview of a branch: an app of its own, with its own URL, for a while',
  app: true,
  options: {
    branch: { type: 'string', short: 'b', value: 'NAME', help: "Of the app's source, or pushed to the app" },
    ...expireOption,
    ...detachOption,
  },
  about: 'Where there is one already, it is deployed once more. It has the variables of the app that are no secrets.',
  examples: ['berth preview create --branch new-menu -a blog', 'berth preview create -b new-menu --expire never'],
  async run(cli, { values: { branch, expire, ...values } }) {
    if (branch === undefined) throw new UsageError('which branch? Say --branch NAME', 'preview create')
    const [client, app] = [await cli.client(), await cli.app()]
    const { preview, operation } = await client.call('createPreview', {
      params: { app },
      body: { branch, ...idleOf(expire) },
    })
    return await finish(cli, operation, { ...values, inside: (now) => ({ preview, operation: now }) })
  },
})
