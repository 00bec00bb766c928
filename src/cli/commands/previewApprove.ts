import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'

export const command = define({
  summary: 'Build a pull request from another repository, after a look at it',
  args: 'NAME',
  app: true,
  options: {
    commit: {
      type: 'string',
      value: 'COMMIT',
      help: 'The one that you have looked at; refused if it is another by now',
    },
    all: { type: 'boolean', help: 'Its later commits too, without another look' },
    secrets: { type: 'boolean', help: 'With the secrets of the app, which its code can then read' },
    ...detachOption,
  },
  about: 'What it holds is run on this machine as an app. Each new commit waits again, unless --all was said.',
  examples: ['berth preview approve blog-pr-7 -a blog', 'berth preview approve blog-pr-7 --all -a blog'],
  async run(cli, { args: [preview = ''], values: { commit, all, secrets, ...values } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const body = { ...(commit !== undefined && { commit }), ...(all && { all }), ...(secrets && { secrets }) }
    const approved = await client.call('approvePreview', { params: { app, preview }, body })
    const inside = (operation: typeof approved.operation) => ({ ...approved, operation })
    return await finish(cli, approved.operation, { ...values, inside })
  },
})
