import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostSettings } from './hostSettings.ts'

test('leaves out the logins of the person who runs it, which every build could print', async () => {
  const home = await mkdtemp(join(tmpdir(), 'berth-home-'))
  const npmrc = ['//npm.test/:_authToken=abc', '//npm.test/:_password=abc', '@own:registry=https://me:abc@own.test/']
  await writeFile(join(home, '.npmrc'), npmrc.join('\n'))
  await mkdir(join(home, '.config/pip'), { recursive: true })
  await writeFile(join(home, '.config/pip/pip.conf'), '[global]\nindex-url = https://me:abc@pip.test/simple\n')
  const { files } = await hostSettings({ HOME: home })
  assert.doesNotMatch(JSON.stringify(files.filter(({ name }) => name !== 'ca.crt')), /abc/)
  await rm(home, { recursive: true })
})

test('takes what leads to mirrors, and leaves out what means files of the host', async () => {
  const home = await mkdtemp(join(tmpdir(), 'berth-home-'))
  await writeFile(
    join(home, '.npmrc'),
    'registry=https://npm.test/\n//npm.test/:_authToken=abc\n@own:registry=https://own.test/\ncafile=/x\nprefix=/y\n',
  )
  const { files, variables, proxies } = await hostSettings({
    HOME: home,
    PIP_INDEX_URL: 'https://pip.test/simple',
    PIP_FIND_LINKS: '/wheels',
    PIP_EXTRA_INDEX_URL: 'file:///wheels',
    https_proxy: 'http://proxy.test:3128',
    AWS_SECRET_ACCESS_KEY: 'never',
  })
  const content = (name: string) => files.find((file) => file.name === name)?.content ?? ''
  for (const line of ['registry=https://npm.test/', '@own:registry=https://own.test/'])
    assert(content('npmrc').includes(line), line)
  assert.doesNotMatch(content('npmrc'), /cafile|prefix/)
  assert.match(content('pip.conf'), /^index-url = https:\/\/pip\.test\/simple$/m)
  assert.doesNotMatch(content('pip.conf'), /wheels/)
  assert.equal(variables.PIP_CONFIG_FILE, '/dev/berth/pip.conf')
  assert.deepEqual(proxies, { HTTPS_PROXY: 'http://proxy.test:3128' })
  assert.doesNotMatch(JSON.stringify(files), /never/)
  await rm(home, { recursive: true })
})
