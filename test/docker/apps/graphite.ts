import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const module = 'usr/lib/python3/dist-packages/graphite'

/** Graphite's web application, on Debian's Django. */
export const graphite: App = {
  name: 'graphite',
  async tree(folder) {
    await using debian = await unpackDebian('graphite-web')
    const share = join(debian.root, 'usr/share/graphite-web')
    await cp(join(share, 'static'), join(folder, 'static'), { recursive: true })
    await cp(join(debian.root, module), join(folder, 'graphite'), {
      recursive: true,
      filter: (path) => !path.endsWith('local_settings.py'),
    })
    // Where upstream has it.
    await cp(join(share, 'graphite.wsgi'), join(folder, 'graphite/wsgi.py'))
    await writeFiles(folder, own)
    assert.deepEqual(await debian.changedIn('graphite-web', module, join(folder, 'graphite')), [])
  },
  builds: /Python app detected/,
  ways: ['git push', 'repository'],
  async serves(site) {
    assert.match((await site.visit('/')).body, /<title>Graphite Browser<\/title>/)
    const series = await site.visit('/render?target=constantLine(42)&format=json')
    assert.equal(JSON.parse(series.body)[0].datapoints[0][0], 42)
    assert.match((await site.visit('/admin/')).body, /Django administration/)
  },
}

const own = {
  'graphite/local_settings.py': `import os

SECRET_KEY = os.environ.get('SECRET_KEY', 'only for the build')
ALLOWED_HOSTS = ['*']
GRAPHITE_ROOT = '/app'
CONF_DIR = '/app/conf'
STORAGE_DIR = '/app/storage'
STATIC_ROOT = '/app/static'
LOG_DIR = '/tmp'
INDEX_FILE = '/tmp/search_index'
WHISPER_DIR = '/app/storage/whisper'
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/app/storage/graphite.db'}}
`,
  'berth.yaml': `build:
  runtime: python
  packages: [python3-django, python3-django-tagging, python3-cairocffi, python3-pyparsing, python3-simplejson, python3-six, python3-tz,
    python3-urllib3, python3-whisper]
  command: mkdir -p storage/whisper && GRAPHITE_SETTINGS_MODULE=graphite.local_settings DJANGO_SETTINGS_MODULE=graphite.settings python -m django migrate --run-syncdb
env:
  SECRET_KEY: { generate: secret }
`,
}
