<?php
list( , $address, $password ) = $argv;
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST']   = wp_host( $address );
$_SERVER['REQUEST_URI'] = '/';
function wp_host( $address ) { return substr( $address, strlen( 'http://' ) ); }
require 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter( 'pre_wp_mail', '__return_true' );
wp_install( 'Paper', 'admin', 'admin@paper.example', true, '', $password );
foreach ( array( 'siteurl' => $address, 'home' => $address, 'active_plugins' => array( 'akismet/akismet.php' ),
	'template' => 'plain', 'stylesheet' => 'plain', 'comment_previously_approved' => 0, 'comment_moderation' => 0 ) as $name => $value ) {
	update_option( $name, $value );
}
