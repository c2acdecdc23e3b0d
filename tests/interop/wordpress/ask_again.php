<?php
$_SERVER['HTTP_HOST']   = $argv[1];
$_SERVER['REQUEST_URI'] = '/';
require 'wp-load.php';
do_action( 'akismet_schedule_cron_recheck' );
