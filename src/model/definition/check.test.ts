import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDefinition } from './check.ts'

test('what is wrong in several files is said of each', () => {
  const files = { 'berth.yaml': 'helth: 1', Procfile: 'web a', 'app.json': '[', 'compose.yaml': undefined }
  assert.deepEqual(checkDefinition(files), {
    files: ['Procfile', 'app.json', 'berth.yaml'],
    errors: [
      'Procfile:1:1: expected "name: command"',
      'app.json:1:2: not valid JSON',
      'berth.yaml:1:1: unknown key "helth"; did you mean "health"?',
    ],
    warnings: [],
  })
})

test('files that name each other are read together', () => {
  const files = { 'berth.yaml': 'build: {compose: c.yml}', 'c.yml': 'services: {web: {build: ., tty: true}}' }
  assert.deepEqual(checkDefinition(files), {
    files: ['berth.yaml', 'c.yml'],
    errors: [],
    warnings: ['c.yml:1: services.web.tty is not used'],
  })
})

test('scripts of Upscale are looked at', () => {
  const files = ['.upscale/pre-build.d/x/y']
  const { errors } = checkDefinition({}, { files, paths: ['.upscale/pre-build.d', ...files] })
  assert.deepEqual(errors, ['the source was refused: ".upscale/pre-build.d/x" is no file; only scripts stand there'])
})
