<?php
/* Plugin Name: Moderation here. Sends what the Akismet plug-in asks to MODERATION_BASE of wp-config.php. */
add_filter( 'pre_http_request', function ( $answer, $args, $url ) {
	$asked = wp_parse_url( $url );
	if ( false !== $answer || 'rest.akismet.com' !== ( $asked['host'] ?? '' ) || ! defined( 'MODERATION_BASE' ) ) {
		return $answer;
	}
	unset( $args['headers']['Host'] );
	return wp_remote_request( untrailingslashit( MODERATION_BASE ) . $asked['path'], $args );
}, 10, 3 );
