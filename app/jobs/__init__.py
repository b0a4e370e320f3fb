"""Work that takes its time, done by processes of their own: folders of jobs, their queue, what they may take."""
