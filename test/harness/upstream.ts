import { cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '../../src/lib/exec.ts'

/**
 * Applications that nobody here wrote, as a user would commit them: the files of their Debian packages with links to
 * other packages' files followed, plus only what configures them.
 */

export async function wordpress(folder: string): Promise<string> {
  const theme = 'wordpress-theme-twentytwentythree'
  const root = await unpacked(folder, [
    'wordpress',
    theme,
    ...(await dependencies('wordpress', /^(libjs-|php-getid3)/)),
  ])
  const app = await copied(root, 'usr/share/wordpress', folder)
  await writeFile(join(app, 'wp-config.php'), wordpressConfig)
  await writeFile(join(app, 'berth.yaml'), 'health: /readme.html\n')
  return app
}

const wordpressConfig = `<?php
foreach (['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST'] as $name) define($name, getenv($name));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`

export async function phpmyadmin(folder: string): Promise<string> {
  const root = await unpacked(folder, ['phpmyadmin', ...(await dependencies('phpmyadmin', /^libjs-/))])
  const app = await copied(root, 'usr/share/phpmyadmin', folder)
  const libraries = await dependencies('phpmyadmin', /^php-/)
  await writeFile(join(app, 'berth.yaml'), `build:\n  packages: [${libraries.join(', ')}]\n`)
  return app
}

export async function nodeRed(folder: string): Promise<string> {
  await output(['npm', 'pack', 'node-red@4', '--silent'], { cwd: folder })
  const [packed = ''] = (await readdir(folder)).filter((name) => name.startsWith('node-red-'))
  await output(['tar', '-C', folder, '-xzf', join(folder, packed)])
  const app = join(folder, 'package')
  await writeFile(join(app, 'Procfile'), 'web: node red.js --port $PORT --userDir /tmp/data\n')
  return app
}

/** Not an app: what WordPress keeps its posts in, for the time of a test. */
export async function mariadb(folder: string, stack: string): Promise<string> {
  const app = join(folder, 'mariadb')
  await mkdir(app)
  await writeFile(join(app, 'start.sql'), "CREATE DATABASE wp;\nGRANT ALL ON wp.* TO wp@'%' IDENTIFIED BY 'secret';\n")
  await writeFile(join(app, 'Dockerfile'), databaseDockerfile(stack))
  return app
}

const databaseDockerfile = (stack: string) => `FROM ${stack}
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends mariadb-server >/dev/null
COPY start.sql /start.sql
USER mysql
RUN mariadb-install-db --datadir=/tmp/db >/dev/null
CMD ["mariadbd", "--datadir=/tmp/db", "--bind-address=0.0.0.0", "--socket=/tmp/db.sock", "--pid-file=/tmp/db.pid", "--init-file=/start.sql"]
`

async function dependencies(name: string, wanted: RegExp): Promise<string[]> {
  const text = await output(['apt-cache', 'depends', '--no-recommends', '--no-suggests', name])
  const names = [...text.matchAll(/^\s*\|?Depends: ([a-z0-9.+-]+)$/gm)].map((match) => match[1] ?? '')
  return [...new Set(names.filter((found) => wanted.test(found)))]
}

async function unpacked(folder: string, packages: readonly string[]): Promise<string> {
  const debs = await mkdtemp(join(folder, 'debs-'))
  const root = join(debs, 'root')
  await mkdir(root)
  await output(['apt-get', 'download', ...packages], { cwd: debs })
  const files = (await readdir(debs)).filter((name) => name.endsWith('.deb'))
  for (const file of files) await output(['dpkg-deb', '-x', join(debs, file), root])
  return root
}

/** Links followed; those that lead nowhere in these packages are left out. */
async function copied(root: string, path: string, folder: string): Promise<string> {
  const app = await mkdtemp(join(folder, 'upstream-'))
  await output(['find', root, '-lname', '/*', '-delete'])
  await output(['find', root, '-xtype', 'l', '-delete'])
  await cp(join(root, path), app, { recursive: true, dereference: true })
  return app
}
