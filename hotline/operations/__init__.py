"""What whoever runs the hotline needs: copies that can be trusted, a check-up, figures to watch."""
