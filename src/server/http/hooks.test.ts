import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { startApi, type TestApi } from '../../../test/harness/api.ts'
import { deliveriesOf, type Pushed, type Sent } from '../../../test/harness/deliveries.ts'
import { basePath } from '../../contract/endpoint.ts'
import { hookProviders } from '../../model/hook.ts'

let api: TestApi
let token: string
before(async () => {
  api = await startApi()
  token = await api.token('member')
})
after(() => api[Symbol.asyncDispose]())

type Source = { url: string; ref?: string | null; watch?: string[] }

async function appWith(source: Source) {
  const { name } = await api.app()
  await api.ask('PATCH', `${basePath}/apps/${name}/source`, { token, body: source })
  return name
}

async function hooked(source: Source, provider: (typeof hookProviders)[number] = 'github', more: object = {}) {
  const app = await appWith(source)
  const created = await api.ask('POST', `${basePath}/apps/${app}/hooks`, { token, body: { provider, ...more } })
  assert.equal(created.status, 200, created.text)
  const { id, secret } = created.json
  const sendRaw = ({ headers, body }: Sent) => api.ask('POST', `${basePath}/hooks/${id}`, { raw: body, headers })
  return {
    app,
    id,
    secret,
    created: created.json,
    sendRaw,
    send: (push: Pushed) => sendRaw(deliveriesOf[provider](push, secret)),
    deliveries: async () => (await api.ask('GET', `${basePath}/apps/${app}/hooks/${id}/deliveries`, { token })).json,
  }
}

const deploysOf = async (app: string) =>
  (await api.ask('GET', `${basePath}/apps/${app}/operations?kind=deploy`, { token })).json.filter(
    ({ author }: { author: string }) => author.endsWith(' hook'),
  )

let count = 0
const freshUrl = () => `https://git.example.com/ada/blog${count++}.git`

for (const provider of hookProviders) {
  describe(provider, () => {
    test('a push deploys, once', async () => {
      const url = freshUrl()
      const hook = await hooked({ url, ref: 'main' }, provider)
      const first = await hook.send({ url })
      assert.deepEqual([first.status, first.json.outcome], [200, 'deployed'], first.text)
      const again = await hook.send({ url })
      assert.deepEqual([again.status, again.json.outcome], [200, 'ignored'])
      assert.match(again.json.reason, /it came before/)
      const [operation, ...others] = await deploysOf(hook.app)
      assert.deepEqual([operation.about, others.length], ['aaaaaaaa Second page', 0])
    })

    test('another branch is ignored, and the log says why', async () => {
      const url = freshUrl()
      const hook = await hooked({ url, ref: 'main' }, provider)
      const answer = await hook.send({ url, ref: 'refs/heads/dev' })
      assert.equal(answer.json.outcome, 'ignored')
      const [delivery] = await hook.deliveries()
      assert.match(delivery.reason, new RegExp(`^${hook.app}: ignored: branch dev; it follows main$`))
      assert.equal(delivery.ref, 'dev')
    })

    test('a forged one is refused', async () => {
      const url = freshUrl()
      const hook = await hooked({ url, ref: 'main' }, provider)
      const good = deliveriesOf[provider]({ url }, hook.secret)
      const forged = [
        deliveriesOf[provider]({ url }, 'guessed'),
        deliveriesOf[provider]({ url }, ''),
        { ...good, headers: { 'content-type': 'application/json' } },
        ...(provider === 'gitlab' ? [] : [{ ...good, body: good.body.replace('main', 'evil') }]),
      ]
      for (const sent of forged) assert.equal((await hook.sendRaw(sent)).status, 401)
      assert.deepEqual(await deploysOf(hook.app), [])
      assert.equal((await hook.deliveries())[0].outcome, 'refused')
    })

    test('what is no push is answered', async () => {
      const hook = await hooked({ url: freshUrl() }, provider)
      const header = {
        github: 'x-github-event',
        gitlab: 'x-gitlab-event',
        gitea: 'x-gitea-event',
        bitbucket: 'x-event-key',
      }[provider]
      const sent = deliveriesOf[provider]({ url: 'https://x.example/y' }, hook.secret)
      const answer = await hook.sendRaw({ ...sent, headers: { ...sent.headers, [header]: 'issues' } })
      assert.deepEqual([answer.status, answer.json.outcome], [200, 'ignored'])
      assert.match(answer.json.reason, /"issues" is no push/)
    })
  })
}

test('GitHub pings', async () => {
  const hook = await hooked({ url: freshUrl() })
  const body = JSON.stringify({ zen: 'Anything added dilutes everything else.', hook_id: 1 })
  const signature = `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`
  const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-hub-signature-256': signature }
  const answer = await hook.sendRaw({ headers, body })
  assert.deepEqual([answer.status, answer.json.outcome], [200, 'answered'])
})

test('GitLab may sign, and then only a fresh signature counts', async () => {
  const url = freshUrl()
  const hook = await hooked({ url, ref: 'main' }, 'gitlab')
  const signed = (id: string, seconds: number, key = hook.secret): Sent => {
    const { body, headers } = deliveriesOf.gitlab({ url }, hook.secret)
    const { 'x-gitlab-token': _, ...rest } = headers
    const mac = createHmac('sha256', Buffer.from(key.replace('whsec_', ''), 'base64')).update(
      `${id}.${seconds}.${body}`,
    )
    return {
      body,
      headers: {
        ...rest,
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${mac.digest('base64')}`,
      },
    }
  }
  const now = Math.floor(Date.now() / 1000)
  assert.equal((await hook.sendRaw(signed('m1', now - 3600))).status, 401)
  assert.equal((await hook.sendRaw(signed('m1', now, 'whsec_AAAA'))).status, 401)
  const { headers, body } = signed('m1', now)
  assert.equal((await hook.sendRaw({ body, headers: { ...headers, 'webhook-id': 'm2' } })).status, 401)
  assert.equal((await hook.sendRaw(signed('m1', now))).json.outcome, 'deployed')
})

test('one delivery reaches every app of the team with that repository, each by its own branch and paths', async () => {
  const url = freshUrl()
  const hook = await hooked({ url, watch: ['web/**'] })
  const other = await appWith({ url: url.replace('.git', ''), watch: ['api/**'] })
  const dev = await appWith({ url, ref: 'dev' })
  const unrelated = await appWith({ url: freshUrl() })
  const answer = await hook.send({ url, commits: [{ modified: ['api/a.js'], removed: ['README.md'] }] })
  assert.equal(answer.json.outcome, 'deployed')
  assert.match(answer.json.reason, new RegExp(`${hook.app}: ignored: nothing that it watches changed`))
  assert.deepEqual(
    await Promise.all([hook.app, other, dev, unrelated].map(async (app) => (await deploysOf(app)).length)),
    [0, 1, 0, 0],
  )
})

test('a repository of nobody is said', async () => {
  const hook = await hooked({ url: freshUrl() })
  const { json } = await hook.send({ url: 'https://git.example.com/some/other.git' })
  assert.match(json.reason, /no app of the team has this repository/)
})

test('what did not deploy may come again, after the mistake is mended', async () => {
  const url = freshUrl()
  const hook = await hooked({ url, ref: 'wrong' })
  assert.equal((await hook.send({ url })).json.outcome, 'ignored')
  await api.ask('PATCH', `${basePath}/apps/${hook.app}/source`, { token, body: { ref: 'main' } })
  assert.equal((await hook.send({ url })).json.outcome, 'deployed')
})

test('the same bytes under another name are the same delivery', async () => {
  const url = freshUrl()
  const hook = await hooked({ url })
  assert.equal((await hook.send({ url, id: 'd-1' })).json.outcome, 'deployed')
  assert.equal((await hook.send({ url, id: 'd-2' })).json.outcome, 'ignored')
})

test('the secret is in one answer only, and the token in none', async () => {
  const hook = await hooked({ url: freshUrl() }, 'github', { token: 'ghp_canary' })
  assert.equal(hook.created.reports, true)
  const list = await api.ask('GET', `${basePath}/apps/${hook.app}/hooks`, { token })
  assert.ok(!list.text.includes(hook.secret) && !list.text.includes('canary'))
  assert.match(list.json[0].url, /^http:\/\/berth\.test\.localhost:8080\/api\/v1\/hooks\//)
})

test('guessing is slowed down, and so is a flood', async () => {
  const url = freshUrl()
  const hook = await hooked({ url, ref: 'none' })
  for (let n = 0; n < 10; n++) await hook.sendRaw(deliveriesOf.github({ url }, `guess ${n}`))
  assert.equal((await hook.send({ url })).status, 429)
  const busy = await hooked({ url, ref: 'none' })
  const statuses = []
  for (let n = 0; n < 125; n++) statuses.push((await busy.send({ url, id: `d-${n}` })).status)
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 429])
  assert.ok((await busy.deliveries()).length <= 50)
})

/** A delivery of which only the head is sent. */
async function begun(id: string, bytes: number) {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  const said = once(socket, 'data')
  socket.write(`POST ${basePath}/hooks/${id} HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes}\r\n\r\n`)
  return { socket, status: async () => Number(String((await said)[0]).split(' ')[1]) }
}

test('who may not send is told before anything is read', async () => {
  const unknown = await begun('nobodys', 20_000_000)
  assert.equal(await unknown.status(), 404)
  unknown.socket.destroy()
  const hook = await hooked({ url: freshUrl() })
  const large = [await begun(hook.id, 20_000_000), await begun(hook.id, 20_000_000), await begun(hook.id, 20_000_000)]
  assert.equal(await Promise.race(large.map(({ status }) => status())), 503, 'two at once of one hook')
  assert.equal((await hook.send({ url: 'https://x.example/y' })).status, 200, 'small ones have room of their own')
  for (const { socket } of large) socket.destroy()
})

test('bodies that are wrong are told so', async () => {
  const hook = await hooked({ url: freshUrl() })
  const signed = (body: string): Sent => ({
    body,
    headers: {
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`,
    },
  })
  for (const body of ['', 'payload=%7B%7D', '[]', '{}', '{"ref":1}', 'null']) {
    const answer = await hook.sendRaw(signed(body))
    assert.equal(answer.json.error?.code, 'INVALID', `${body}: ${answer.text}`)
  }
})

test('no hook without a git repository, and none of another team', async () => {
  const { name } = await api.app()
  const body = { provider: 'github' }
  assert.equal((await api.ask('POST', `${basePath}/apps/${name}/hooks`, { token, body })).json.error.code, 'STATE')
  const hook = await hooked({ url: freshUrl() })
  assert.equal((await api.ask('DELETE', `${basePath}/apps/${name}/hooks/${hook.id}`, { token })).status, 404)
})
