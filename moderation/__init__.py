"""Comment moderation for a newsroom: `cli` and `web` at the edges, `services` for what people do, `engine` to decide."""
