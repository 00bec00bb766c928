import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test, { after, before } from 'node:test'
import { attach } from '../../src/client/attach.ts'
import { cancelOperation } from '../../src/contract/operations.ts'
import { createRun } from '../../src/contract/runs.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { operationsOf } from '../harness/operations.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let operations: ReturnType<typeof operationsOf>
before(async () => {
  berth = await startBerth()
  operations = operationsOf(berth)
  await berth.createApp('tools')
  await operations.succeeded(await operations.deploy('tools', site({ text: 'here' })))
})
after(() => berth?.[Symbol.asyncDispose]())

const detached = (...command: string[]) => berth.client.call(createRun, { params: { app: 'tools' }, body: { command } })
const script = (text: string) => detached('sh', '-c', text)
const cancel = ({ id }: { id: string }) => berth.client.call(cancelOperation, { params: { operation: id } })
const nothingLeft = () => until('containers to go', async () => (await operations.oneOffs('tools')).length === 0)

/** An attached run that is under way: it has written its first line. */
async function attached(text: string) {
  const gone = new AbortController()
  let out = ''
  const terminal = {
    input: new PassThrough(),
    output: (_: 'out' | 'err', bytes: Uint8Array) => {
      out += Buffer.from(bytes).toString('utf8')
    },
  }
  const request = { command: ['sh', '-c', text], tty: false }
  const exit = attach(berth.client.connection, 'tools', request, terminal, gone.signal).catch((error) => error)
  await until('its first line', () => out !== '')
  const [operation] = await operations.all('tools')
  return { operation: operation ?? assert.fail('no operation'), exit, leave: () => gone.abort() }
}

test('the exit code of a detached run is its result', async () => {
  const [good, bad] = [await script('echo fine'), await script('echo broken; exit 9')]
  await operations.succeeded(good)
  const { state, error } = await operations.ended(bad)
  assert.deepEqual([state, error?.code, error?.message], ['failed', 'COMMAND_FAILED', 'the command exited with code 9'])
  assert.equal(await operations.log(bad), 'broken')
  await nothingLeft()
})

test('a program that is not there is told in the log', async () => {
  const run = await detached('no-such-program')
  const { state, error } = await operations.ended(run)
  assert.deepEqual([state, error?.message], ['failed', 'the command exited with code 127'])
  assert.match(await operations.log(run), /no-such-program failed: No such file/)
  await nothingLeft()
})

test('a detached run is cancelled, others are not', async () => {
  const [one, other] = [await script('sleep 60'), await script('sleep 3; echo done')]
  await operations.inPhase(one, 'releasing')
  await cancel(one)
  assert.equal((await operations.ended(one)).state, 'cancelled')
  await operations.succeeded(other)
  await nothingLeft()
})

test('an attached run is cancelled, and its terminal hears why', async () => {
  const { operation, exit } = await attached('echo ready; sleep 60')
  await cancel(operation)
  assert.match(String(await exit), /cancelled by admin/)
  assert.equal((await operations.ended(operation)).state, 'cancelled')
  await nothingLeft()
})

test('an attached run ends when its terminal is gone', async () => {
  const { operation, leave } = await attached('echo ready; sleep 60')
  leave()
  assert.equal((await operations.ended(operation)).state, 'failed')
  await nothingLeft()
})

test('a server that is killed goes on with detached runs, once; attached ones are over', async () => {
  const run = await script('echo "ran $(date +%s%N)"; sleep 3; echo end; exit 5')
  const { operation } = await attached('echo ready; sleep 60')
  await until('its first line', async () => (await operations.log(run)).includes('ran'))
  await berth.server.kill('SIGKILL')
  await berth.server.up()
  const lost = await operations.ended(operation)
  assert.deepEqual([lost.state, lost.error?.code], ['failed', 'INTERRUPTED'])
  const { state, error } = await operations.ended(run)
  assert.deepEqual([state, error?.message], ['failed', 'the command exited with code 5'])
  assert.match(await operations.log(run), /^ran \d+\nend$/)
  await nothingLeft()
})

test('the exit code of a run that ended while no server was there is found', async () => {
  const run = await script('sleep 2; echo late; exit 6')
  const isIn = async (state: string) => {
    const [id = ''] = await operations.oneOffs('tools')
    return id !== '' && (await berth.engine.containers.inspect(id))?.state === state
  }
  await until('the command to run', () => isIn('running'))
  await berth.server.kill('SIGKILL')
  await until('the command to end', () => isIn('exited'))
  await berth.server.up()
  assert.equal((await operations.ended(run)).error?.message, 'the command exited with code 6')
  assert.equal(await operations.log(run), 'late')
  await nothingLeft()
})
