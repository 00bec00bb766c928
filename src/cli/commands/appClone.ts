import { answer, define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Create an app like another one, running what that one runs',
  args: 'FROM TO',
  options: {
    team: { type: 'string', value: 'TEAM', help: 'The team that owns it (default: that of FROM)' },
    'no-env': { type: 'boolean', help: 'Without variables' },
    ...detachOption,
  },
  about:
    'Variables, scales, source, stack and metadata are copied, and what FROM runs is released without a build.\n' +
    'Host names and webhooks are not. With --no-env into another team, neither are metadata, nor passwords and keys of\n' +
    'the source and of registries. Secrets go from app to app without being shown.',
  examples: ['berth app clone blog blog-staging', 'berth app clone blog blog-test --no-env --team testers'],
  async run(cli, { args: [from, name], values }) {
    if (from === undefined || name === undefined) throw new UsageError('say FROM and TO', 'app clone')
    const client = await cli.client()
    const given = { ...(values.team !== undefined && { team: values.team }), ...(values['no-env'] && { env: false }) }
    const { app, operation } = await client.call('cloneApp', { params: { app: from }, body: { name, ...given } })
    if (!operation) return answer({ app, operation }, () => [`${app.name} is created, and as empty as ${from}`])
    return await finish(cli, operation, { ...values, inside: (ended) => ({ app, operation: ended }) })
  },
})
