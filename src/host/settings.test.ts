import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { configFrom } from '../config/config.ts'
import { environmentOfParts, keepSettings, readSettings, settingsIn } from './settings.ts'

test('settings of the environment become keys of the file', () => {
  const env = {
    BERTH_HTTP_PORT: '8080',
    BERTH_DOMAIN: 'example.test',
    BERTH_CONFIG: '/x',
    BERTH_STACK: '',
    PATH: '/bin',
  }
  assert.deepEqual(settingsIn(env), { http_port: 8080, domain: 'example.test' })
})

test('the file keeps what was set before, and says when something changed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-settings-'))
  const file = join(folder, 'etc', 'berth.yaml')
  try {
    assert.deepEqual(keepSettings(file, { http_port: 8080 }), { changed: false })
    assert.deepEqual(keepSettings(file, {}), { changed: false })
    assert.deepEqual(keepSettings(file, { domain: 'example.test' }), { changed: true })
    assert.deepEqual(keepSettings(file, { domain: 'example.test' }), { changed: false })
    assert.deepEqual(readSettings(file), { http_port: 8080, domain: 'example.test' })
    assert.match(await readFile(file, 'utf8'), /^# Settings of Berth/)
    assert.equal(configFrom({ BERTH_CONFIG: file }).http.port, 8080)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('parts get their settings from the file alone', () => {
  const env = { BERTH_CONFIG: '/x.yaml', BERTH_HTTP_PORT: '1', BERTH_ADOPT_SWARM: '1', PATH: '/bin' }
  assert.deepEqual(environmentOfParts(env), { BERTH_CONFIG: '/x.yaml', PATH: '/bin' })
})
