<?php
// Every address that is no file comes here: the front controller.
$path = htmlspecialchars(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
?>
<!doctype html>
<meta charset="utf-8">
<title>Hello from PHP</title>
<link rel="stylesheet" href="/style.css">
<h1>Hello from PHP <?= PHP_MAJOR_VERSION ?></h1>
<p><?= htmlspecialchars(getenv('BERTH_APP') ?: 'This app') ?> was asked for <code><?= $path ?></code></p>
