"""What a reader's browser, feed reader and mail program find at the site's addresses."""
