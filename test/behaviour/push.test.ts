import assert from 'node:assert/strict'
import test from 'node:test'
import { startBerth } from '../harness/berth.ts'
import { newRepository } from '../harness/repository.ts'

const server = (text: string) => ({
  'package.json': JSON.stringify({ name: 'hello', engines: { node: '>=24' }, scripts: { start: 'node server.js' } }),
  'server.js': `require('node:http').createServer((_, res) => res.end(${JSON.stringify(text)})).listen(process.env.PORT)`,
})

test('a push goes live, and the next one replaces it', async () => {
  await using berth = await startBerth()
  await using repository = await newRepository(server('one'))
  await berth.createApp('blog')

  const first = await berth.push(repository, 'blog')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stderr, /Released v1|release v1/)
  assert.equal((await berth.get('blog')).body, 'one')

  await repository.commit(server('two'))
  const second = await berth.push(repository, 'blog')
  assert.equal(second.code, 0, second.stderr)
  console.error(second.stderr)
  assert.equal((await berth.get('blog')).body, 'two')
})
