import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { currentLogin, defaultUrl, forgetLogin, loginFile, saveLogin, tidyUrl } from './login.ts'

let env: NodeJS.ProcessEnv

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-login-'))
  env = { XDG_CONFIG_HOME: folder, BERTH_DATA_DIR: folder, BERTH_CONFIG: '/dev/null' }
})
after(() => rm(env.XDG_CONFIG_HOME ?? '', { recursive: true }))

const tidies = (raw: string, url: string) => test(`${raw} is ${url}`, () => assert.equal(tidyUrl(raw), url))

tidies('https://berth.example.com/', 'https://berth.example.com')
tidies('berth.example.com', 'https://berth.example.com')
tidies('berth.example.com:8443/x', 'https://berth.example.com:8443')
tidies('localhost:7117', 'http://localhost:7117')
tidies('berth.localhost', 'http://berth.localhost')
tidies('127.0.0.1:7117', 'http://127.0.0.1:7117')
tidies('localhost.example.com', 'https://localhost.example.com')

test('what is no URL is refused', () => assert.throws(() => tidyUrl('http://'), /"http:\/\/" is not one/))

test('a login is kept for its owner alone, until it is forgotten', async () => {
  await saveLogin(env, { url: 'http://one', token: 't1', user: 'ada' })
  assert.equal((await stat(loginFile(env))).mode & 0o777, 0o600)
  assert.deepEqual(await currentLogin(env), { url: 'http://one', token: 't1', user: 'ada', from: loginFile(env) })
  await forgetLogin(env)
  assert.equal(await currentLogin(env), undefined)
})

test('the environment goes first, and a token never goes to another server', async () => {
  await saveLogin(env, { url: 'http://one', token: 't1' })
  assert.equal((await currentLogin({ ...env, BERTH_TOKEN: 't2' }))?.url, 'http://one')
  assert.equal((await currentLogin({ ...env, BERTH_TOKEN: 't2', BERTH_URL: 'http://two/' }))?.url, 'http://two')
  assert.equal(await currentLogin({ ...env, BERTH_URL: 'http://two' }), undefined)
  assert.equal((await currentLogin({ ...env, BERTH_URL: 'http://one' }))?.token, 't1')
  await forgetLogin(env)
  assert.equal((await currentLogin({ ...env, BERTH_TOKEN: 't2' }))?.url, defaultUrl)
})

test('as root on the server, the admin file does', { skip: process.getuid?.() !== 0 }, async () => {
  const file = join(env.BERTH_DATA_DIR ?? '', 'admin.json')
  await writeFile(file, JSON.stringify({ url: 'http://here', user: 'admin', password: 'p', token: 'ta' }))
  assert.deepEqual(await currentLogin(env), { url: 'http://here', token: 'ta', user: 'admin', from: file })
})

test('a broken file says so', async () => {
  await saveLogin(env, { url: 'http://one', token: 't1' })
  await writeFile(loginFile(env), '{')
  await assert.rejects(currentLogin(env), /run "berth login" again/)
})
